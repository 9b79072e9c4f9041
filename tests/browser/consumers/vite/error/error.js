import { AntiphonError } from "@antiphon/client";

window.isRefusal = (error) => error instanceof AntiphonError;
