// Saving what has arrived: streamed to where the person says, or as a download.

import type { ReceivedFile } from '../../engine/room';
import { zip } from './zip';

/** What is known of files once they are saved. */
export type Saved =
  /** The browser has written the last byte. */
  | 'saved'
  /** They are a download of the browser, which tells nobody how that ends. */
  | 'handed';

/** What browsers with the File System Access API have. */
interface Pickers {
  showSaveFilePicker?: (options: { suggestedName: string }) => Promise<FileSystemFileHandle>;
  showDirectoryPicker?: (options: { mode: 'readwrite' }) => Promise<FileSystemDirectoryHandle>;
}

/** Saves the files of something of that name. Nothing if the person changed their mind. */
export async function save(name: string, files: ReceivedFile[]): Promise<Saved | undefined> {
  const pickers = window as Pickers;
  const [only] = files;
  if (!only) return undefined;
  try {
    if (files.length === 1 && !only.path.includes('/')) {
      const pick = pickers.showSaveFilePicker?.bind(window);
      return pick ? await saveOne(only, pick) : download(only.path, only.blob);
    }
    if (pickers.showDirectoryPicker) {
      return await saveFolder(files, await pickers.showDirectoryPicker({ mode: 'readwrite' }));
    }
    return download(`${name}.zip`, await zip(files));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') return undefined;
    throw error;
  }
}

async function saveOne(
  file: ReceivedFile,
  pick: NonNullable<Pickers['showSaveFilePicker']>,
): Promise<Saved> {
  let handle: FileSystemFileHandle;
  try {
    handle = await pick({ suggestedName: file.path });
  } catch (error) {
    // Some names are not to its liking.
    if (error instanceof TypeError) return download(file.path, file.blob);
    throw error;
  }
  await write(file.blob, handle);
  return 'saved';
}

async function saveFolder(files: ReceivedFile[], folder: FileSystemDirectoryHandle): Promise<Saved> {
  for (const { path, blob } of files) {
    const names = path.split('/');
    const name = names.pop()!;
    let inside = folder;
    for (const name of names) inside = await inside.getDirectoryHandle(name, { create: true });
    await write(blob, await inside.getFileHandle(await freeName(inside, name), { create: true }));
  }
  return 'saved';
}

/** Nothing that is there is overwritten. */
async function freeName(folder: FileSystemDirectoryHandle, name: string): Promise<string> {
  const dot = name.lastIndexOf('.');
  const [stem, end] = dot > 0 ? [name.slice(0, dot), name.slice(dot)] : [name, ''];
  for (let count = 1; ; count++) {
    const free = count === 1 ? name : `${stem} (${count})${end}`;
    try {
      await folder.getFileHandle(free);
    } catch (error) {
      if (error instanceof DOMException && error.name === 'NotFoundError') return free;
      throw error;
    }
  }
}

async function write(blob: Blob, handle: FileSystemFileHandle): Promise<void> {
  await blob.stream().pipeTo(await handle.createWritable());
}

function download(name: string, blob: Blob): Saved {
  // Never a type that the browser would open as a page.
  const url = URL.createObjectURL(blob.slice(0, blob.size, 'application/octet-stream'));
  const anchor = document.createElement('a');
  anchor.href = url;
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(url), DOWNLOAD_STARTS_MS);
  return 'handed';
}

/** Browsers ask the person where to put it, and read the address only then. */
const DOWNLOAD_STARTS_MS = 10 * 60_000;
