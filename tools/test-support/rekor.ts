// SPDX-License-Identifier: Apache-2.0
import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A transparency log that signs whatever it is given. */
export interface TestLog {
  readonly publicKey: KeyObject;
  /** Records a signature; resolves to the entry as cosign keeps it. */
  record(subject: TestLogSubject, at?: Date): TestLogEntry;
  /** Signs an entry, in JSON. */
  seal(body: string, at?: Date): TestLogEntry;
}

export interface TestLogSubject {
  readonly signature: Uint8Array;
  readonly payload: Uint8Array;
  /** A key or certificate in PEM. */
  readonly verifier: string;
  /** Default: what cosign 2 records. */
  readonly kind?: 'hashedrekord' | 'dsse';
  /** Changes the entry before the log signs it. */
  readonly change?: (body: string) => string;
}

export interface TestLogEntry {
  readonly SignedEntryTimestamp: string;
  readonly Payload: {
    readonly body: string;
    readonly integratedTime: number;
    readonly logIndex: number;
    readonly logID: string;
  };
}

export function makeLog(): TestLog {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const base64 = (data: Uint8Array | string): string => Buffer.from(data).toString('base64');
  const logID = createHash('sha256')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex');
  const seal = (json: string, at = new Date()): TestLogEntry => {
    const body = base64(json);
    const integratedTime = Math.floor(at.getTime() / 1000);
    const signed = Buffer.from(JSON.stringify({ body, integratedTime, logID, logIndex: 7 }));
    return {
      SignedEntryTimestamp: sign('sha256', signed, privateKey).toString('base64'),
      Payload: { body, integratedTime, logIndex: 7, logID },
    };
  };
  return {
    publicKey,
    seal,
    record({ signature, payload, verifier, kind = 'hashedrekord', change = (body) => body }, at) {
      const hash = { algorithm: 'sha256', value: createHash('sha256').update(payload).digest('hex') };
      const spec =
        kind === 'dsse'
          ? { payloadHash: hash, signatures: [{ signature: base64(signature), verifier: base64(verifier) }] }
          : {
              data: { hash },
              signature: { content: base64(signature), publicKey: { content: base64(verifier) } },
            };
      return seal(change(JSON.stringify({ apiVersion: '0.0.1', kind, spec })), at);
    },
  };
}
