from oas_trafficking.launcher.cli import main

raise SystemExit(main())
