echo from a file {{ ds }}
