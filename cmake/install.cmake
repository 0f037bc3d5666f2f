# `cmake --install`: library, headers, program, CUDA module, and what other builds find them by. What is
# installed can be moved as a whole: nothing in it names its prefix.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/libntk)

install(TARGETS ntk EXPORT libntkTargets)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/ntk TYPE INCLUDE FILES_MATCHING PATTERN "*.h")
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE TYPE DOC)
# The loader looks for the module beside the library, and there from the program.
if(TARGET ntk_cuda)
  install(TARGETS ntk_cuda LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
endif()
if(TARGET ntk_program)
  install(TARGETS ntk_program)
  # The data of `ntk demo`.
  install(FILES ${PROJECT_SOURCE_DIR}/examples/data/digits.npz ${PROJECT_SOURCE_DIR}/examples/data/README.md
    DESTINATION ${CMAKE_INSTALL_DATADIR}/libntk/examples/data)
endif()

install(EXPORT libntkTargets NAMESPACE libntk:: DESTINATION ${package_dir})
configure_package_config_file(cmake/libntkConfig.cmake.in ${PROJECT_BINARY_DIR}/libntkConfig.cmake
  INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/libntkConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/libntkConfig.cmake ${PROJECT_BINARY_DIR}/libntkConfigVersion.cmake
  DESTINATION ${package_dir})

# pkg-config's own variable for the folder of the file keeps it relocatable.
set(pc_folder ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pc_prefix ${pc_folder} ${CMAKE_INSTALL_PREFIX})
file(RELATIVE_PATH pc_libdir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH pc_includedir ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
list(JOIN NTK_BLAS_LIBRARIES " " pc_blas)
set(pc_private "${pc_blas} -lz -lgomp -lquadmath -lpthread -ldl")
configure_file(cmake/libntk.pc.in ${PROJECT_BINARY_DIR}/libntk.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/libntk.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
