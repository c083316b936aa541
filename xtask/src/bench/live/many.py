# Adds GPOs to the database of a domain controller that does not run, which takes a minute for
# 10,000; in a single transaction, or over LDAP, it takes many.
import sys

from samba.auth import system_session
from samba.param import LoadParm
from samba.samdb import SamDB

# The time of a transaction grows with the square of what is in it.
IN_TRANSACTION = 250

configuration, database, domain, count = sys.argv[1:]
parameters = LoadParm()
parameters.load(configuration)
directory = SamDB(url=database, lp=parameters, session_info=system_session())
policies = f"CN=Policies,CN=System,{directory.domain_dn()}"
count = int(count)
for first in range(0, count, IN_TRANSACTION):
    directory.transaction_start()
    for n in range(first, min(first + IN_TRANSACTION, count)):
        name = f"{{10AD0000-6C1B-4F55-9B5C-{n:012X}}}"
        directory.add({
            "dn": f"CN={name},{policies}",
            "objectClass": "groupPolicyContainer",
            "displayName": f"Policy {n}",
            "flags": "0",
            "versionNumber": "65537",
            "gPCFunctionalityVersion": "2",
            "gPCFileSysPath": f"\\\\{domain}\\sysvol\\{domain}\\Policies\\{name}",
        })
    directory.transaction_commit()
