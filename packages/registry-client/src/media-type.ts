// SPDX-License-Identifier: Apache-2.0
import { Code, LadingError } from '@lading/errors';
import { isIndexType, isManifestType, MediaType } from '@lading/image-spec';
import { isRecord, oneLine, unexpectedAnswer } from './errors.ts';

/** Types asked for, best first. A registry that has none of them converts or answers 404. */
export const acceptedManifests: string = [
  MediaType.ImageManifest,
  MediaType.ImageIndex,
  MediaType.DockerManifest,
  MediaType.DockerManifestList,
  MediaType.DockerManifestV1Signed,
  MediaType.DockerManifestV1,
].join(', ');

/**
 * The media type of a manifest: the header's, which the body's own `mediaType` must not contradict. A
 * document that one reader takes for an index and another for a manifest has two meanings under one digest
 * (CVE-2021-41190). A registry that stores manifests as plain files says something general in the header;
 * then the body's word counts, or what its members show.
 */
export function manifestMediaType(host: string, header: string | null, bytes: Uint8Array): string {
  const said = essence(header);
  if (said === 'text/html') {
    throw unexpectedAnswer(host, 'it sent an HTML page, as a proxy or a login page would');
  }
  const document = parseObject(host, bytes);
  const own = typeof document.mediaType === 'string' ? document.mediaType : undefined;
  if (isIndexType(said) || isManifestType(said)) {
    // A null is what Go writes for nothing.
    const foreign = isIndexType(said) ? 'layers' : 'manifests';
    const isOther = own !== undefined && own !== said;
    if (!isOther && document[foreign] == null) return said;
    const why = isOther
      ? `is ${oneLine(own, 100)} by its own words`
      : `has "${foreign}" too, as another kind has`;
    throw new LadingError(Code.DataLoss, `${host} sent a manifest as ${said} that ${why}`, {
      reason: 'MEDIA_TYPE_MISMATCH',
      details: { host },
    });
  }
  if (said !== '' && !general.has(said)) return said;
  if (document.schemaVersion === 1 && Array.isArray(document.fsLayers)) {
    return document.signatures === undefined ? MediaType.DockerManifestV1 : MediaType.DockerManifestV1Signed;
  }
  if (own !== undefined) return own;
  if (Array.isArray(document.manifests)) return MediaType.ImageIndex;
  if (Array.isArray(document.layers)) return MediaType.ImageManifest;
  throw unexpectedAnswer(
    host,
    `it sent ${said === '' ? 'no type' : oneLine(said, 100)} where a manifest was asked for`,
  );
}

/**
 * A manifest that names its own type must be sent as that.
 *
 * @throws InvalidArgument where the two differ
 */
export function checkOwnMediaType(bytes: Uint8Array, mediaType: string): void {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return; // the registry says better what is wrong with it
  }
  const own = isRecord(document) ? document.mediaType : undefined;
  if (typeof own !== 'string' || own === mediaType) return;
  throw new LadingError(
    Code.InvalidArgument,
    `the manifest is to be pushed as ${oneLine(mediaType, 100)}, and calls itself ${oneLine(own, 100)}`,
    { reason: 'MEDIA_TYPE_MISMATCH' },
  );
}

/** The type of a Content-Type header without its parameters. */
export function essence(header: string | null): string {
  return (header ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

const general: ReadonlySet<string> = new Set([
  'application/json',
  'application/octet-stream',
  'binary/octet-stream',
  'text/plain',
]);

function parseObject(host: string, bytes: Uint8Array): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw unexpectedAnswer(host, 'the manifest is not JSON', error);
  }
  if (!isRecord(document)) throw unexpectedAnswer(host, 'the manifest is not a JSON object');
  return document;
}
