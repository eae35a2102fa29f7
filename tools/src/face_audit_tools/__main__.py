"""`python -m face_audit_tools`: the same as the command `face-audit`."""

from .command import main

if __name__ == "__main__":
    main()
