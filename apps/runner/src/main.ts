import "@cti-connectors/command-line";
