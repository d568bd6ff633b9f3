"""A published release: fetch it, open the zip, read every record, account for each."""
