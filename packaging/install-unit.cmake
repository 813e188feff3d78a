# Runs when the tree is installed: the unit names the binary by the prefix that
# is chosen then.
configure_file(${CMAKE_CURRENT_LIST_DIR}/xdpgate.service.in
  $ENV{DESTDIR}${CMAKE_INSTALL_PREFIX}/lib/systemd/system/xdpgate.service
  @ONLY)
