# tunnel_library(<name> [ASIO] [FOLDER <path below lib>] HEADERS ... INTERNAL ... SOURCES ... DEPENDS ...
#                PRIVATE ...)
#
# One static library for a folder of lib/. Its headers are reached as "<folder>/<header>.hpp", through
# a directory of links that holds them alone: a target sees the headers of what it links to and no
# others, so the DEPENDS lines are the dependency rules, and breaking one fails the build.
# INTERNAL names headers for the folder itself and its tests; ASIO shares the precompiled Asio header of
# tunnel_aio.
function(tunnel_library name)
  cmake_parse_arguments(arg "ASIO" "FOLDER" "HEADERS;INTERNAL;SOURCES;DEPENDS;PRIVATE" ${ARGN})
  if(NOT arg_FOLDER)
    set(arg_FOLDER ${name})
  endif()
  set(links ${PROJECT_BINARY_DIR}/include/${name})
  tunnel_link_headers(${links} ${arg_FOLDER} ${arg_HEADERS})

  if(arg_SOURCES)
    set(scope PUBLIC)
    add_library(tunnel_${name} STATIC ${arg_SOURCES})
    target_link_libraries(tunnel_${name} PRIVATE ${arg_PRIVATE})
    if(arg_INTERNAL)
      tunnel_link_headers(${links}-internal ${arg_FOLDER} ${arg_INTERNAL})
      target_include_directories(tunnel_${name} PRIVATE ${links}-internal)
    endif()
    if(arg_ASIO)
      target_precompile_headers(tunnel_${name} REUSE_FROM tunnel_aio)
    endif()
  else()
    set(scope INTERFACE)
    add_library(tunnel_${name} INTERFACE)
  endif()
  target_include_directories(tunnel_${name} ${scope} ${links})
  target_link_libraries(tunnel_${name} ${scope} ${arg_DEPENDS})
endfunction()

# Fills <links>/<folder> with links to the named headers of the current folder, and no others.
function(tunnel_link_headers links folder)
  file(REMOVE_RECURSE ${links})
  file(MAKE_DIRECTORY ${links}/${folder})
  foreach(header IN LISTS ARGN)
    file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${links}/${folder}/${header} SYMBOLIC)
  endforeach()
endfunction()
