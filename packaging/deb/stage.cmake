# Makes of an installed tree what Debian's policy asks of a package, before cpack
# packs it: places, compressed pages, copyright and changelog.
set(root ${CPACK_TEMPORARY_INSTALL_DIRECTORY})
set(doc ${root}/usr/share/doc/xdpgate)
set(deb ${CPACK_XDPGATE_DEB})

file(REMOVE ${doc}/LICENSE) # copyright says where it is
configure_file(${deb}/copyright ${doc}/copyright COPYONLY)
file(RENAME ${doc}/CHANGELOG.md ${doc}/changelog)
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
file(WRITE ${doc}/changelog.Debian
  "xdpgate (${CPACK_PACKAGE_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE}) "
  "unstable; urgency=medium\n\n  * Built from the source tree: see changelog.gz."
  "\n\n -- ${CPACK_PACKAGE_CONTACT}  ${date}\n")
file(MAKE_DIRECTORY ${doc}/examples)
foreach(folder rules pcaps)
  file(RENAME ${doc}/${folder} ${doc}/examples/${folder})
endforeach()

file(MAKE_DIRECTORY ${root}/usr/share/zsh ${root}/lib ${root}/etc/xdpgate
  ${root}/etc/default)
file(RENAME ${root}/usr/share/zsh/site-functions
  ${root}/usr/share/zsh/vendor-completions)
file(RENAME ${root}/usr/lib/systemd ${root}/lib/systemd)
configure_file(${deb}/default ${root}/etc/default/xdpgate COPYONLY)

file(GLOB pages ${root}/usr/share/man/man*/*.[1-9])
foreach(page ${pages} ${doc}/changelog ${doc}/changelog.Debian)
  execute_process(COMMAND gzip -9n ${page} COMMAND_ERROR_IS_FATAL ANY)
endforeach()
# Whatever the umask of who builds it.
execute_process(COMMAND chmod -R u=rwX,go=rX ${root}
  COMMAND_ERROR_IS_FATAL ANY)
file(GLOB_RECURSE data ${root}/etc/* ${root}/usr/share/* ${root}/lib/*)
execute_process(COMMAND chmod 644 ${data} COMMAND_ERROR_IS_FATAL ANY)
