import { OptionDefaults } from "typedoc";

/** The reference of what `@antiphon/client` exports. What has no comment, or names what is not exported, fails it. */
export default {
  name: "@antiphon/client",
  entryPoints: ["../typescript/src/index.ts"],
  tsconfig: "../typescript/tsconfig.build.json",
  readme: "../typescript/README.md",
  out: "dist",
  disableSources: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeProtected: true,
  // protobuf-es says with `@generated` which message a type was made from.
  blockTags: [...OptionDefaults.blockTags, "@generated"],
  validation: { notExported: true, invalidLink: true, notDocumented: true },
  // Only what the SDK asks of its own tracks.
  intentionallyNotExported: ["OutgoingTrack"],
  requiredToBeDocumented: ["Class", "Interface", "TypeAlias", "Function", "Variable", "Method", "Accessor", "Property"],
  treatWarningsAsErrors: true,
  treatValidationWarningsAsErrors: true,
};
