"""What one agency hands to another: documents with a manifest, signed, sent, checked and answered one by one."""
