"""Writers: implementations of `ports.Writer`."""
