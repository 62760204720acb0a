"""The C kernels and what every engine's C code shares; `binding` is the way in from Python."""
