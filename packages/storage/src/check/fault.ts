// SPDX-License-Identifier: Apache-2.0

/** Whose fault it is. `store` is for what belongs to no record. */
export type FaultSubject = 'store' | 'layer' | 'image' | 'container';

/**
 * What `repair` does about a fault. `mend`: puts it right, and nothing is lost. `remove`: the bytes are gone, so the
 * layer or image goes, with the images that need it. `remove container`: the same for a container, which only goes by
 * force. `none`: what it takes is in a store that is only read, and damaged or not there now, or with another graph root
 * on the same store of images, so nothing is done here.
 */
export type Remedy = 'mend' | 'remove' | 'remove container' | 'none';

interface KindOfFault {
  readonly subject: FaultSubject;
  readonly remedy: Remedy;
  /** In the words of `podman system check` where it knows the fault. */
  readonly text: string;
}

/** A kind of fault. The beginning of its name says whose it is. */
export type FaultKind =
  | 'records-unreadable'
  | 'records-lost'
  | 'record-invalid'
  | 'record-twice'
  | 'name-twice'
  | 'leftover'
  | 'mount-stale'
  | 'mount-uncounted'
  | 'layer-incomplete'
  | 'layer-link'
  | 'layer-lowers'
  | 'layer-folders'
  | 'layer-unaccounted'
  | 'layer-content-missing'
  | 'layer-digest'
  | 'layer-size'
  | 'layer-file'
  | 'layer-tar-split'
  | 'layer-modified'
  | 'layer-data-missing'
  | 'layer-mount'
  | 'layer-parent-missing'
  | 'layer-unreferenced'
  | 'image-layer-missing'
  | 'image-layer-damaged'
  | 'image-data-missing'
  | 'image-data-size'
  | 'image-data-digest'
  | 'container-image-missing'
  | 'container-image-damaged'
  | 'container-layer-missing'
  | 'container-layer-damaged'
  | 'container-data-missing'
  | 'container-data-size';

/** All faults that are looked for. */
const faultKinds: Readonly<Record<FaultKind, KindOfFault>> = {
  'records-unreadable': { subject: 'store', remedy: 'mend', text: 'file of records is unreadable' },
  'records-lost': { subject: 'store', remedy: 'mend', text: 'file of records is empty or missing' },
  'record-invalid': { subject: 'store', remedy: 'mend', text: 'record is not what the format says' },
  'record-twice': { subject: 'store', remedy: 'mend', text: 'two records have the same id' },
  'name-twice': { subject: 'store', remedy: 'mend', text: 'two records have the same name' },
  leftover: { subject: 'store', remedy: 'mend', text: 'left over, no record has it' },
  'mount-stale': { subject: 'layer', remedy: 'mend', text: 'counted as mounted and is not' },
  'mount-uncounted': { subject: 'layer', remedy: 'mend', text: 'mounted and not counted' },
  'layer-incomplete': { subject: 'layer', remedy: 'mend', text: 'layer was being made or removed' },
  'layer-link': { subject: 'layer', remedy: 'mend', text: 'short link is missing or leads elsewhere' },
  'layer-lowers': { subject: 'layer', remedy: 'mend', text: 'layers below are not named right' },
  'layer-folders': { subject: 'layer', remedy: 'mend', text: 'folder for mounting is missing' },
  'layer-unaccounted': {
    subject: 'layer',
    remedy: 'mend',
    text: 'layer in lower level storage driver not accounted for',
  },
  'layer-content-missing': { subject: 'layer', remedy: 'remove', text: 'folder with its content is missing' },
  'layer-digest': { subject: 'layer', remedy: 'remove', text: 'layer content incorrect digest' },
  'layer-size': { subject: 'layer', remedy: 'remove', text: 'layer content incorrect size' },
  'layer-file': { subject: 'layer', remedy: 'remove', text: 'file integrity checksum failed' },
  'layer-tar-split': { subject: 'layer', remedy: 'remove', text: 'tar-split file is missing or broken' },
  'layer-modified': { subject: 'layer', remedy: 'remove', text: 'layer content modified' },
  'layer-data-missing': { subject: 'layer', remedy: 'remove', text: 'layer data item is missing' },
  'layer-mount': { subject: 'layer', remedy: 'remove', text: 'layer cannot be mounted' },
  'layer-parent-missing': { subject: 'layer', remedy: 'remove', text: 'layer is missing' },
  'layer-unreferenced': {
    subject: 'layer',
    remedy: 'remove',
    text: 'layer not referenced by any images or containers',
  },
  'image-layer-missing': { subject: 'image', remedy: 'remove', text: 'image layer is missing' },
  'image-layer-damaged': { subject: 'image', remedy: 'remove', text: 'image layer is damaged' },
  'image-data-missing': { subject: 'image', remedy: 'remove', text: 'image data item is missing' },
  'image-data-size': { subject: 'image', remedy: 'remove', text: 'image data item has incorrect size' },
  'image-data-digest': { subject: 'image', remedy: 'remove', text: 'image data item has incorrect digest' },
  'container-image-missing': { subject: 'container', remedy: 'remove container', text: 'image missing' },
  'container-image-damaged': { subject: 'container', remedy: 'remove container', text: 'image is damaged' },
  'container-layer-missing': {
    subject: 'container',
    remedy: 'remove container',
    text: 'container layer is missing',
  },
  'container-layer-damaged': {
    subject: 'container',
    remedy: 'remove container',
    text: 'container layer is damaged',
  },
  'container-data-missing': {
    subject: 'container',
    remedy: 'remove container',
    text: 'container data item is missing',
  },
  'container-data-size': {
    subject: 'container',
    remedy: 'remove container',
    text: 'container data item has incorrect size',
  },
};

/** Something that is wrong in a store. */
export interface Fault {
  readonly kind: FaultKind;
  readonly subject: FaultSubject;
  /** Id of the layer, image or container; none for what belongs to no record. */
  readonly id: string | undefined;
  /** The file or folder at fault, where there is one. */
  readonly path: string | undefined;
  readonly remedy: Remedy;
  /** For people: what is wrong, with what, and where. */
  readonly message: string;
}

/**
 * @param detail what is added to the words of the kind; text from outside must have been through {@link shown}
 * @param remedy default: that of the kind
 */
export function newFault(
  kind: FaultKind,
  where: { readonly id?: string | undefined; readonly path?: string | undefined },
  detail?: string,
  remedy: Remedy = faultKinds[kind].remedy,
): Fault {
  const { subject, text } = faultKinds[kind];
  const owner = where.id === undefined ? where.path : `${subject} ${where.id}`;
  const place = where.id === undefined || where.path === undefined ? '' : ` (${where.path})`;
  const message = [owner, detail, text].filter((part) => part !== undefined).join(': ') + place;
  return { kind, subject, id: where.id, path: where.path, remedy, message };
}

/** A name from an image or a file, in quotes, on one line and not too long. */
export function shown(text: string): string {
  return JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}
