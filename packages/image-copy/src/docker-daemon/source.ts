// SPDX-License-Identifier: Apache-2.0
import { receiveArchive } from '../archive-file.ts';
import { createSavedSource } from '../docker-archive/source.ts';
import type { ImageSource } from '../types.ts';
import { askDaemon, type DaemonContext } from './engine-api.ts';
import type { DaemonReference } from './reference.ts';

/** Reads an image from a Docker daemon, which gives it as an archive. */
export function createDaemonSource(
  { wanted, text }: DaemonReference,
  context: DaemonContext,
  tlsVerify: boolean,
): ImageSource {
  return createSavedSource({ text, name: undefined, position: undefined }, async (signal) => {
    const path = `/images/get?names=${encodeURIComponent(wanted)}`;
    const response = await askDaemon(context, tlsVerify, { method: 'GET', path, signal });
    return receiveArchive(response, { signal });
  });
}
