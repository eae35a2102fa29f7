// What the sample needs of Apple's Foundation and the GNUstep of Debian lacks: NSURLSession, and semaphores.
// The shim loads in the calling thread, so the semaphore of a finished request never blocks.
#import <Foundation/Foundation.h>

typedef int dispatch_semaphore_t;
#define DISPATCH_TIME_FOREVER 0
#define dispatch_semaphore_create(count) (count)
#define dispatch_semaphore_signal(semaphore) ((void)(semaphore))
#define dispatch_semaphore_wait(semaphore, time) ((void)(semaphore))

typedef void (^Finish)(NSData *, NSURLResponse *, NSError *);
@class NSURLSession, NSURLSessionTask;

@protocol NSURLSessionTaskDelegate <NSObject>
- (void)URLSession:(NSURLSession *)loader
                          task:(NSURLSessionTask *)task
    willPerformHTTPRedirection:(NSHTTPURLResponse *)response
                    newRequest:(NSURLRequest *)request
             completionHandler:(void (^)(NSURLRequest *))completionHandler;
@end

@interface NSURLSessionConfiguration : NSObject
+ (NSURLSessionConfiguration *)ephemeralSessionConfiguration;
@end

@interface NSURLSession : NSObject {
  @public
    id<NSURLSessionTaskDelegate> delegate;
}
+ (NSURLSession *)sessionWithConfiguration:(NSURLSessionConfiguration *)configuration
                                  delegate:(id<NSURLSessionTaskDelegate>)delegate
                             delegateQueue:(NSOperationQueue *)queue;
- (NSURLSessionTask *)dataTaskWithRequest:(NSURLRequest *)request completionHandler:(Finish)finish;
@end

@interface NSURLSessionTask : NSObject {
  @public
    NSURLSession *loader;
    NSURLRequest *request;
    Finish finish;
    NSMutableData *body;
    NSURLResponse *response;
    NSError *failure;
    BOOL isOver;
}
- (void)resume;
@end

@interface NSHTTPURLResponse (Shim)
- (NSString *)valueForHTTPHeaderField:(NSString *)name;
@end
