"""Any command as a toolchain: it is believed by its exit status."""
