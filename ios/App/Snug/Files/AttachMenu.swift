import PhotosUI
import SnugKit
import SnugShared
import SwiftUI
import UniformTypeIdentifiers

/// Picks what to offer, from Photos or Files. It is looked at before anybody else hears of it.
struct AttachMenu: View {
  let visit: Visit
  @State private var picksPhotos = false
  @State private var picksFiles = false
  @State private var photos: [PhotosPickerItem] = []
  @State private var outgoing: Outgoing?

  var body: some View {
    Menu {
      Button("Photos and videos", systemImage: "photo.on.rectangle") { picksPhotos = true }
      Button("Files", systemImage: "folder") { picksFiles = true }
    } label: {
      Image(systemName: "plus.circle.fill")
        .font(.title)
        .foregroundStyle(Palette.inkSecond)
        .frame(minWidth: fingertip, minHeight: fingertip)
    }
    .accessibilityLabel("Offer files")
    .photosPicker(
      isPresented: $picksPhotos, selection: $photos, maxSelectionCount: Self.most,
      matching: .any(of: [.images, .videos]), preferredItemEncoding: .current
    )
    .fileImporter(
      isPresented: $picksFiles, allowedContentTypes: [.item, .folder],
      allowsMultipleSelection: true, onCompletion: pickFiles
    )
    .onChange(of: photos) { pickPhotos() }
    .sheet(item: $outgoing) { OutgoingView(visit: visit, outgoing: $0).curtained() }
  }

  private func pickFiles(_ picked: Result<[URL], any Error>) {
    guard case .success(let files) = picked, !files.isEmpty else { return }
    for file in files { visit.luggage.open(file) }
    outgoing = Outgoing(files: files)
  }

  private func pickPhotos() {
    guard !photos.isEmpty else { return }
    let picked = photos
    photos = []
    let coming = Outgoing(files: [])
    outgoing = coming
    coming.load(picked, into: visit.luggage)
  }

  private static let most = 50
}
