# The Debian package, by `cpack`; packaging/package.sh makes and checks it.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME xdpgate)
set(CPACK_PACKAGE_VENDOR "xdpgate maintainers")
set(CPACK_PACKAGE_CONTACT
  "xdpgate maintainers <maintainers@xdpgate.invalid>")
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY
  "packet filter at the XDP hook, with policies in YAML")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
  "A YAML policy is compiled into an image in BPF maps, and one fixed XDP
program judges every packet by it at the earliest place there is: in the
driver of the network card. Policies are swapped while packets arrive, keep
their counts, are explained and tested on captures without a network card.
A service applies the policies of /etc/xdpgate when the host starts and when
they change, and serves Prometheus metrics.")
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "prometheus")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
  WORLD_READ WORLD_EXECUTE)
set(deb ${PROJECT_SOURCE_DIR}/packaging/deb)
set(CPACK_PRE_BUILD_SCRIPTS ${deb}/stage.cmake)
set(CPACK_XDPGATE_DEB ${deb}) # for that script
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA
  ${deb}/conffiles ${deb}/postinst ${deb}/prerm ${deb}/postrm)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
# What is packed has been built: cpack builds nothing.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
include(CPack)
