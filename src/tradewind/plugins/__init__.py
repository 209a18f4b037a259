"""Third parties: plugin discovery, provider packages, listeners, and asking the plugin host. What imports or runs their
code (discovery, answers, providers' hooks) is for processes of user code; ``client``, ``hosted`` and ``catalogue`` are
what the API, the scheduler and the command line may use."""
