// What somebody picked, pasted or dropped, as a list of files with their folders.

import type { Offerable } from '../../engine/room';

/** Files of a picker or the clipboard. Those of a folder bring its name. */
export function fromFiles(files: Iterable<File>): Offerable[] {
  return [...files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
}

/** What is offered by itself: each loose file, so that pictures are shown, and each folder. Many are one heap. */
export function apart(files: Offerable[]): Offerable[][] {
  const heaps = new Map<Offerable | string, Offerable[]>();
  for (const it of files) {
    const [top, ...inside] = it.path.split('/');
    const heap = it.file && inside.length === 0 ? it : top!;
    const known = heaps.get(heap);
    if (known) known.push(it);
    else heaps.set(heap, [it]);
  }
  return heaps.size > OFFERS ? [files] : [...heaps.values()];
}

/** Whatever was dropped, with all that is in its folders. */
export async function fromDrop(data: DataTransfer): Promise<Offerable[]> {
  // Entries have to be taken before the first wait: the drop is over then.
  const entries = [...data.items].flatMap((item) => {
    const entry = item.kind === 'file' ? item.webkitGetAsEntry() : null;
    return entry ? [entry] : [];
  });
  if (entries.length === 0) return fromFiles(data.files);
  return (await Promise.all(entries.map((entry) => walk(entry, '')))).flat();
}

/**
 * Whether the clipboard is rather a text: spreadsheets add a picture of it. Beside files that were
 * copied there are only their names.
 */
export function bringsText(data: Pick<DataTransfer, 'files' | 'getData'>): boolean {
  const lines = data.getData('text/plain').trim().split(/\r?\n/);
  const names = [...data.files].map(({ name }) => name);
  return lines.some((line) => line !== '' && !names.includes(line.split('/').at(-1)!));
}

/** Whether a drag brings files. */
export function bringsFiles(data: DataTransfer | null): boolean {
  return data?.types.includes('Files') ?? false;
}

async function walk(entry: FileSystemEntry, folder: string): Promise<Offerable[]> {
  const path = folder + entry.name;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    return [{ path, file }];
  }
  const found: Offerable[] = [];
  for await (const inside of contents(entry as FileSystemDirectoryEntry)) {
    found.push(...(await walk(inside, `${path}/`)));
  }
  return found.length > 0 ? found : [{ path }];
}

/** A reader gives a folder's entries a hundred at a time. */
async function* contents(folder: FileSystemDirectoryEntry): AsyncGenerator<FileSystemEntry> {
  const reader = folder.createReader();
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return;
    yield* some;
  }
}

/** The pictures of a walk. Taking more of them one by one would be a chore. */
const OFFERS = 20;
