// What LeakSanitizer is to pass over in this program. Called by its runtime, and by nobody else.
//
// libssh2 1.10 allocates the server's host key anew in each key exchange, and frees the last one alone.
extern "C" const char* __lsan_default_suppressions();

extern "C" const char* __lsan_default_suppressions() {
  return "leak:libssh2.so";
}
