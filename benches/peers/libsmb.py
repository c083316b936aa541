"""Samba's SMB library for Python: libsmb.py CLIENT_CONF HOST PASSWORD_FILE FOLDER… lists folders of
SYSVOL with all below them, reads every file and keeps none."""

import sys

from samba.credentials import Credentials
from samba.param import LoadParm
from samba.samba3 import libsmb_samba_internal as libsmb
from samba.samba3 import param as s3param

conf, host, password_file, *folders = sys.argv[1:]
settings = LoadParm()
settings.load(conf)
samba3_settings = s3param.get_context()
samba3_settings.load(conf)
credentials = Credentials()
credentials.guess(settings)
credentials.set_username("Administrator")
with open(password_file, encoding="utf-8") as file:
    credentials.set_password(file.read().rstrip())
connection = libsmb.Conn(host, "sysvol", lp=samba3_settings, creds=credentials)
DIRECTORY = 0x10
waiting, files, size = folders, 0, 0
while waiting:
    here = waiting.pop()
    for entry in connection.list(here):
        path = here + "\\" + entry["name"]
        if entry["attrib"] & DIRECTORY:
            waiting.append(path)
        else:
            files += 1
            size += len(connection.loadfile(path))
print(f"{files} files, {size} bytes", file=sys.stderr)
