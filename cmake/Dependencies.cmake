# Debian 12's packages; nothing is downloaded while building.

find_package(Boost 1.81 REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Threads REQUIRED)
find_package(spdlog REQUIRED)
find_package(CLI11 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libssh2 REQUIRED IMPORTED_TARGET libssh2>=1.10)
pkg_check_modules(ldns REQUIRED IMPORTED_TARGET ldns>=1.8)
if(TUNNEL_TESTS)
  find_package(GTest REQUIRED)
  find_package(benchmark REQUIRED)
endif()
