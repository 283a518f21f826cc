// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import { parseStrictJson, type StrictJson } from '@lading/config';
import { Code, LadingError } from '@lading/errors';
import { checkRekorBody, parseRekorAnnotation, type RekorSubject } from './rekor-entry.ts';
import {
  askService,
  type ServiceAnswer,
  type ServiceOptions,
  serviceFailure,
  serviceUrl,
} from './sigstore-service.ts';
import { member } from './strict-member.ts';

/** A signature that the log is to record. */
export interface RekorUpload extends RekorSubject {
  /** The key or certificate that signed, in PEM. */
  readonly verifierPem: string;
}

const path = '/api/v1/log/entries';
const retries = 3;

/**
 * Has the log record a signature, and gives the annotation that proves it: cosign's `bundle`. What the log answers is
 * held against the signature, since nobody would accept the proof of another.
 *
 * @throws FailedPrecondition (`SIGNING_FAILED`) with what Rekor says; Unavailable
 * @see https://github.com/sigstore/rekor/blob/v1.3.9/openapi.yaml
 */
export async function recordInLog(
  base: string,
  { verifierPem, ...subject }: RekorUpload,
  options: ServiceOptions,
): Promise<string> {
  const url = serviceUrl(base, path, 'rekorURL');
  const proposed = {
    apiVersion: '0.0.1',
    kind: 'hashedrekord',
    spec: {
      data: {
        hash: { algorithm: 'sha256', value: createHash('sha256').update(subject.payload).digest('hex') },
      },
      signature: {
        content: Buffer.from(subject.signature).toString('base64'),
        publicKey: { content: Buffer.from(verifierPem).toString('base64') },
      },
    },
  };
  const headers = { accept: 'application/json', 'content-type': 'application/json' };
  let answer = await askService(
    { service: 'Rekor', method: 'POST', url, headers, body: JSON.stringify(proposed), retries },
    options,
  );
  const uuid = answer.status === 409 ? uuidOf(answer) : undefined;
  if (uuid !== undefined) {
    // It has the entry: of an attempt whose answer was lost.
    const known = serviceUrl(base, `${path}/${uuid}`, 'rekorURL');
    answer = await askService({ service: 'Rekor', method: 'GET', url: known, headers, retries }, options);
  }
  if (answer.status !== (uuid === undefined ? 201 : 200)) throw serviceFailure('Rekor', url, answer);
  const annotation = annotationOf(answer.text);
  checkRekorBody(parseRekorAnnotation(annotation), subject);
  return annotation;
}

/** By which it is asked for, and nothing else of where the answer points to. */
function uuidOf({ headers }: ServiceAnswer): string | undefined {
  return /\/([0-9a-f]{64,80})$/.exec(headers.get('location') ?? '')?.[1];
}

function annotationOf(text: string): string {
  const entries = parseStrictJson(text, 'the answer of Rekor');
  const [entry, ...more] =
    entries instanceof Map ? [...(entries as ReadonlyMap<string, StrictJson>).values()] : [];
  const timestamp = member(member(entry, 'verification'), 'signedEntryTimestamp');
  const names = ['body', 'integratedTime', 'logIndex', 'logID'] as const;
  const payload = Object.fromEntries(names.map((name) => [name, member(entry, name)]));
  if (entry === undefined || more.length > 0 || timestamp === undefined) {
    throw new LadingError(Code.FailedPrecondition, 'the answer of Rekor is not one signed entry', {
      reason: 'SIGNING_FAILED',
    });
  }
  return JSON.stringify({ SignedEntryTimestamp: timestamp, Payload: payload });
}
