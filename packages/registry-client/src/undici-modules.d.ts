// SPDX-License-Identifier: Apache-2.0
// undici's index loads all of undici: 60 ms of start-up and 12 MB for its fetch, caches, mocks and WebSockets.
// These are the files that a client of registries needs without a proxy; the version of undici is pinned.
declare module 'undici/lib/dispatcher/agent.js' {
  import { Agent } from 'undici';
  export default Agent;
}
declare module 'undici/lib/core/connect.js' {
  import { buildConnector } from 'undici';
  export default buildConnector;
}
