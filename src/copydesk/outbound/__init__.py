"""Everything that goes out to the network: untrusted addresses through `fetch`, the operator's through `trusted`."""
