// SPDX-License-Identifier: Apache-2.0
// A file of its own, so that the bundle has no more of the engine than this needs.
export { openEngine, openReserve } from '@lading/engine';
