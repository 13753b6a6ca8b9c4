"""One file for each way in which two modules, or a module and the hub, are joined."""
