// SPDX-License-Identifier: Apache-2.0
import { type Descriptor, type Digest, isDigest } from '@lading/image-spec';

/** What the registry knows of a manifest without reading it again. */
export interface ManifestEntry {
  /** With artifactType and annotations where there is a subject: as the referrers API shows it. */
  readonly descriptor: Descriptor;
  readonly subject?: Digest;
  /** Config, layers, and manifests of an index: what must stay as long as this manifest. */
  readonly references: readonly Digest[];
}

/** Manifests and tags of one repository. */
export interface RepositoryRecord {
  readonly manifests: ReadonlyMap<Digest, ManifestEntry>;
  readonly tags: ReadonlyMap<string, Digest>;
  /** For each subject the manifests that refer to it. */
  readonly referrers: ReadonlyMap<Digest, ReadonlySet<Digest>>;
  /** What another tool wrote into index.json and this registry cannot serve: it is written back as it was. */
  readonly foreign: readonly Descriptor[];
}

/** A record that is being changed. */
export interface RecordDraft extends RepositoryRecord {
  readonly manifests: Map<Digest, ManifestEntry>;
  readonly tags: Map<string, Digest>;
  readonly referrers: Map<Digest, ReadonlySet<Digest>>;
}

/** The digest that a tag or digest stands for now. */
export function resolve(record: RepositoryRecord | undefined, reference: string): Digest | undefined {
  if (!isDigest(reference)) return record?.tags.get(reference);
  return record?.manifests.has(reference) ? reference : undefined;
}

/** A copy that can be changed without a reader of the record noticing. */
export function draftOf(record: RepositoryRecord | undefined): RecordDraft {
  return {
    manifests: new Map(record?.manifests),
    tags: new Map(record?.tags),
    referrers: new Map(record?.referrers),
    foreign: record?.foreign ?? [],
  };
}

export function addManifest(draft: RecordDraft, entry: ManifestEntry): void {
  const { digest } = entry.descriptor;
  draft.manifests.set(digest, entry);
  if (entry.subject === undefined) return;
  draft.referrers.set(entry.subject, new Set(draft.referrers.get(entry.subject)).add(digest));
}

/** Takes a manifest and its tags out. */
export function removeManifest(draft: RecordDraft, digest: Digest): void {
  const subject = draft.manifests.get(digest)?.subject;
  draft.manifests.delete(digest);
  for (const [tag, target] of draft.tags) if (target === digest) draft.tags.delete(tag);
  if (subject === undefined) return;
  const others = new Set(draft.referrers.get(subject));
  others.delete(digest);
  if (others.size === 0) draft.referrers.delete(subject);
  else draft.referrers.set(subject, others);
}
