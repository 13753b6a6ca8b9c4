"""Archives mapped, never unpacked: where the bytes of stored members lie in their volumes."""
