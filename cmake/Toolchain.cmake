# Language level, warnings, sanitizers and ccache, for every target of the tree.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

option(TUNNEL_TESTS "Build the unit and integration tests" ON)
option(TUNNEL_FUZZ "Build the libFuzzer targets (Clang only)" OFF)
set(TUNNEL_SANITIZE "" CACHE STRING "Value for -fsanitize=, empty for none")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()

add_compile_options(
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Woverloaded-virtual
  -Wcast-qual -Wformat=2 -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "Clang")
  # A precompiled header brings the options of its own compilation along.
  add_compile_options(-Wno-unused-command-line-argument)
endif()

# A folder's sources compiled as one: each header is parsed once per folder. A name in one source hides nothing of
# another's, though both are then in one.
if(CMAKE_UNITY_BUILD)
  add_compile_options(-Wno-shadow)
endif()

if(TUNNEL_SANITIZE)
  add_compile_options(-fsanitize=${TUNNEL_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TUNNEL_SANITIZE})
endif()

if(TUNNEL_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()

if(CMAKE_BUILD_TYPE STREQUAL "Release")
  # The client decrypts what a server chooses to send: hardening stays on.
  add_compile_options(-D_FORTIFY_SOURCE=2 -fstack-protector-strong)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # GCC 12's warnings from optimised code misfire on std::string and on coroutine frames.
    add_compile_options(
      -Wno-array-bounds -Wno-mismatched-new-delete -Wno-restrict -Wno-stringop-overflow
      -Wno-stringop-overread)
  endif()
endif()
