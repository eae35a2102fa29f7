// Mono's compiler does not take `async Task<int> Main` for the start of a program.
internal static class Entry
{
    internal static int Main(string[] arguments) => Sample.Main(arguments).GetAwaiter().GetResult();
}
