// SPDX-License-Identifier: Apache-2.0
import { formatReference, parseFamiliarReference, withDefaultTag } from '@lading/image-spec';

/** The full spelling of a name that is given to an image: without a host it is a local one. */
export function localName(name: string): string {
  const slash = name.indexOf('/');
  const hasHost = slash !== -1 && /[.:]|^localhost$/.test(name.slice(0, slash));
  return formatReference(withDefaultTag(parseFamiliarReference(hasHost ? name : `localhost/${name}`)));
}
