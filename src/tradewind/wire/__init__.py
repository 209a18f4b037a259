"""What processes say to one another: messages, framing, the gateway, the doorbell. msgspec and sockets only."""
