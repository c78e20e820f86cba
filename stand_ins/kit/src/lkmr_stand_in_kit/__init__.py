"""What the stand-ins share: demo people, behaviour switches, memory, server."""
