import SnugShared
import SwiftUI

/// How one comes in: under a name, by which ways, and with hidden addresses for who wants that.
struct OptionsView: View {
  @Environment(Whereabouts.self) private var whereabouts
  @State private var showsMore = false

  var body: some View {
    @Bindable var whereabouts = whereabouts
    VStack(alignment: .leading, spacing: Space.near) {
      TextField("Your name (optional)", text: $whereabouts.nickname)
        .textInputAutocapitalization(.words)
        .autocorrectionDisabled()
        .submitLabel(.done)
        .field()
      Text("The others see it. Leave it empty to be nobody in particular.")
        .font(.footnote).foregroundStyle(Palette.inkSecond)
      DisclosureGroup("More", isExpanded: $showsMore) {
        VStack(alignment: .leading, spacing: Space.middle) {
          IntroductionPicker(isNearby: $whereabouts.isNearby)
          if !whereabouts.isNearby {
            hiding(isOn: $whereabouts.hidesAddresses)
            ServerField()
          }
        }
        .padding(.top, Space.near)
      }
      .font(.subheadline)
      .tint(Palette.accent)
    }
  }

  private func hiding(isOn: Binding<Bool>) -> some View {
    Toggle(isOn: isOn) {
      Text("Hide my addresses").foregroundStyle(Palette.ink)
      Text("The others cannot see your network address. Everything takes a detour and is slower.")
        .font(.footnote).foregroundStyle(Palette.inkSecond)
    }
  }
}

/// Who introduces people to each other.
private struct IntroductionPicker: View {
  @Binding var isNearby: Bool

  var body: some View {
    VStack(alignment: .leading, spacing: Space.hair) {
      Picker("How you find each other", selection: $isNearby) {
        Text("By a server").tag(false)
        Text("Nearby").tag(true)
      }
      .pickerStyle(.segmented)
      Text(
        isNearby
          ? "No server and no network: only phones beside you, over Wi-Fi and Bluetooth. All of you choose this. Others nearby can tell that somebody uses Snug, not who."
          : "Over the internet, or the network you share."
      )
      .font(.footnote).foregroundStyle(Palette.inkSecond)
    }
  }
}

/// Who introduces people; for those who run a server of their own.
private struct ServerField: View {
  @State private var typed = Server.address

  var body: some View {
    VStack(alignment: .leading, spacing: Space.hair) {
      Text("Server").foregroundStyle(Palette.ink)
      TextField("Address of the server", text: $typed)
        .textInputAutocapitalization(.never)
        .autocorrectionDisabled()
        .keyboardType(.URL)
        .submitLabel(.done)
        .onSubmit(choose)
        .onDisappear(perform: choose)
        .field()
      Text("It introduces you and forgets you. Everyone in a room uses the same one.")
        .font(.footnote).foregroundStyle(Palette.inkSecond)
    }
  }

  private func choose() {
    Server.choose(typed)
    typed = Server.address
  }
}

/// The ground and edge of a field to type in.
private struct Field: ViewModifier {
  let edge: Color

  func body(content: Content) -> some View {
    content
      .font(.body)
      .foregroundStyle(Palette.ink)
      .padding(.horizontal, Space.near)
      .frame(minHeight: fingertip)
      .background(Palette.raised, in: RoundedRectangle(cornerRadius: Radius.middle))
      .overlay(RoundedRectangle(cornerRadius: Radius.middle).strokeBorder(edge))
  }
}

extension View {
  func field(edge: Color = Palette.edge) -> some View { modifier(Field(edge: edge)) }
}
