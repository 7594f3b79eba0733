# cmake --install: headers, liblrc.so, the tools, and find_package(lrc).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lrc)

install(TARGETS LrcShared EXPORT lrcTargets
  LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/lrc
  ${PROJECT_SOURCE_DIR}/include/lrc-c
  DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.h" PATTERN "*.def")
install(EXPORT lrcTargets NAMESPACE lrc:: DESTINATION ${package_dir})
configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/lrcConfig.cmake.in
  ${CMAKE_CURRENT_BINARY_DIR}/lrcConfig.cmake
  INSTALL_DESTINATION ${package_dir})
# Before 1.0 a minor version may change the C++ API.
write_basic_package_version_file(
  ${CMAKE_CURRENT_BINARY_DIR}/lrcConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/lrcConfig.cmake
  ${CMAKE_CURRENT_BINARY_DIR}/lrcConfigVersion.cmake
  DESTINATION ${package_dir})
