# The version is one line, and the same where the program has to start over to wait passively.
VERSION=$(sed -nE 's/^project\(ecomon VERSION ([0-9.]+).*/\1/p' "$ECOMON_SOURCE_DIR/CMakeLists.txt")
expect 0 "$ECOMON" --version
printed out "ecomon $VERSION"
silent err
expect 0 env -u OMP_WAIT_POLICY "$ECOMON" --version
printed out "ecomon $VERSION"
silent err
