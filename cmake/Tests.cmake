include(GoogleTest)

# Tests of ML-KEM itself are built where libcrypto has it. The rest of the hybrid is tested everywhere.
if(OPENSSL_VERSION VERSION_GREATER_EQUAL 3.5)
  set(TUNNEL_TEST_ML_KEM ON)
else()
  message(STATUS "OpenSSL ${OPENSSL_VERSION} has no ML-KEM (3.5 and later have): its own tests are not built")
endif()

# What runs for seconds need not be optimised, which takes longer. Without it the system's checks of buffers, which
# Release asks for, are not to be had.
set(TUNNEL_TEST_OPTIONS -O0 -U_FORTIFY_SOURCE)

# tunnel_test(<name> [ASIO] SOURCES ... DEPENDS ...): a unit-test program, one ctest entry: of two thousand processes,
# one per test, most of the time would go into starting them. It shares a precompiled header of GoogleTest's, with ASIO
# one of Asio's too: half of the time that a test takes to compile goes into these.
function(tunnel_test name)
  cmake_parse_arguments(arg "ASIO" "" "SOURCES;DEPENDS" ${ARGN})
  add_executable(${name}_test ${arg_SOURCES})
  target_link_libraries(${name}_test PRIVATE ${arg_DEPENDS} GTest::gtest_main GTest::gmock)
  if(arg_ASIO)
    target_precompile_headers(${name}_test REUSE_FROM tunnel_test_support)
  else()
    target_precompile_headers(${name}_test REUSE_FROM tunnel_test_files)
  endif()
  add_test(NAME unit.${name} COMMAND ${name}_test --gtest_brief=1)
  set_tests_properties(unit.${name} PROPERTIES LABELS unit TIMEOUT 600)
endfunction()

# A test that has an operator new of its own does not go with ThreadSanitizer, whose library has one, too. Such tests
# have a single thread.
if(TUNNEL_SANITIZE STREQUAL "thread")
  set(TUNNEL_TEST_OPERATOR_NEW OFF)
else()
  set(TUNNEL_TEST_OPERATOR_NEW ON)
endif()
