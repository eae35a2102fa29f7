// NSURLSession over NSURLConnection, as far as the sample uses it. Nothing is released: the program is short.
#import "foundation.h"

@implementation NSURLSessionConfiguration
+ (NSURLSessionConfiguration *)ephemeralSessionConfiguration {
    return [self new];
}
@end

@implementation NSURLSession
+ (NSURLSession *)sessionWithConfiguration:(NSURLSessionConfiguration *)configuration
                                  delegate:(id<NSURLSessionTaskDelegate>)delegate
                             delegateQueue:(NSOperationQueue *)queue {
    NSURLSession *made = [self new];
    made->delegate = [delegate retain];
    return made;
}

- (NSURLSessionTask *)dataTaskWithRequest:(NSURLRequest *)request completionHandler:(Finish)finish {
    NSURLSessionTask *task = [NSURLSessionTask new];
    task->loader = self;
    task->request = [request retain];
    task->finish = Block_copy(finish);
    task->body = [NSMutableData new];
    return task;
}
@end

@implementation NSURLSessionTask
- (void)resume {
    [NSURLConnection connectionWithRequest:request delegate:self];
    while (!isOver) {
        NSDate *soon = [NSDate dateWithTimeIntervalSinceNow:1];
        [[NSRunLoop currentRunLoop] runMode:NSDefaultRunLoopMode beforeDate:soon];
    }
    finish(body, response, failure);
}

- (NSURLRequest *)connection:(NSURLConnection *)connection
             willSendRequest:(NSURLRequest *)next
            redirectResponse:(NSURLResponse *)redirect {
    if (redirect == nil) return next;
    __block NSURLRequest *allowed = next;
    [loader->delegate URLSession:loader
                            task:self
      willPerformHTTPRedirection:(NSHTTPURLResponse *)redirect
                      newRequest:next
               completionHandler:^(NSURLRequest *given) { allowed = given; }];
    if (allowed == nil) {
        response = [redirect retain];
        isOver = YES;
    }
    return allowed;
}

- (void)connection:(NSURLConnection *)connection didReceiveResponse:(NSURLResponse *)received {
    response = [received retain];
}

- (void)connection:(NSURLConnection *)connection didReceiveData:(NSData *)data {
    [body appendData:data];
}

- (void)connection:(NSURLConnection *)connection didFailWithError:(NSError *)error {
    failure = [error retain];
    isOver = YES;
}

- (void)connectionDidFinishLoading:(NSURLConnection *)connection {
    isOver = YES;
}
@end

@implementation NSHTTPURLResponse (Shim)
- (NSString *)valueForHTTPHeaderField:(NSString *)name {
    NSDictionary *headers = [self allHeaderFields];
    for (NSString *key in headers) {
        if ([key caseInsensitiveCompare:name] == NSOrderedSame) return [headers objectForKey:key];
    }
    return nil;
}
@end

@implementation NSURL (Shim)
// The GNUstep of Debian 12 decodes the path and encodes it again, where %2F becomes another segment. Apple's keeps it.
- (NSString *)fullPath {
    NSString *text = [self absoluteString];
    NSRange scheme = [text rangeOfString:@"://"];
    NSRange rest = NSMakeRange(NSMaxRange(scheme), text.length - NSMaxRange(scheme));
    NSUInteger start = [text rangeOfString:@"/" options:0 range:rest].location;
    NSString *path = [text substringFromIndex:start];
    NSCharacterSet *ends = [NSCharacterSet characterSetWithCharactersInString:@"?#"];
    return [path substringToIndex:MIN(path.length, [path rangeOfCharacterFromSet:ends].location)];
}
@end

@implementation NSString (Shim)
- (NSString *)stringByAddingPercentEscapesUsingEncoding:(NSStringEncoding)encoding {
    return self;
}
@end
