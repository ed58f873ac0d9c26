// swift-tools-version: 6.0
import PackageDescription

// The engine is Rust. Apple's systems get it as an XCFramework, which `scripts/ios build` makes. On
// Linux, where everything but the screen is tested, it is a static library of that machine's, in
// the folder that SNUG_LIBRARY_DIR names.
#if os(Linux)
  let libraries =
    Context.environment["SNUG_LIBRARY_DIR"] ?? "\(Context.packageDirectory)/../target/debug"
  let engine = Target.systemLibrary(name: "SnugFFIC")
  // Debian's libraries of Swift refer to a function that none of them has.
  let lenient = LinkerSetting.unsafeFlags(["-Xlinker", "--allow-shlib-undefined"])
  let linking = [.unsafeFlags(["-L\(libraries)", "-lsnug_ios"]), lenient]
#else
  let engine = Target.binaryTarget(name: "SnugFFIC", path: "SnugFFIC.xcframework")
  let linking: [LinkerSetting] = []
#endif

let package = Package(
  name: "Snug",
  platforms: [.iOS(.v17)],
  products: [.library(name: "SnugKit", targets: ["SnugKit"])],
  targets: [
    engine,
    .target(
      name: "SnugFFI", dependencies: ["SnugFFIC"],
      // Swift 6.0.3 as Debian builds it breaks down over generated code in the mode of Swift 6.
      swiftSettings: [.swiftLanguageMode(.v5)], linkerSettings: linking),
    .target(name: "SnugKit", dependencies: ["SnugFFI"]),
    .testTarget(name: "SnugKitTests", dependencies: ["SnugKit", "SnugFFI"]),
  ]
)

// Xcode builds the app from project.yml. Linux has its sources read by the compiler, against
// declarations of what they use of Apple's frameworks (LinuxStubs/README.md).
#if os(Linux)
  let stubs: [String: [Target.Dependency]] = [
    "ActivityKit": [],
    "AVFoundation": ["CoreGraphics", "UIKit"],
    "AVKit": ["AVFoundation", "SwiftUI"],
    "BackgroundTasks": [],
    "CoreGraphics": [],
    "CoreTransferable": ["UniformTypeIdentifiers"],
    "FoundationExtras": [],
    "ImageIO": ["CoreGraphics"],
    "MultipeerConnectivity": [],
    "Network": [],
    "PhotosUI": ["CoreTransferable", "SwiftUI"],
    "SwiftUI": ["FoundationExtras", "UIKit", "UniformTypeIdentifiers"],
    "UIKit": ["CoreGraphics", "FoundationExtras"],
    "UniformTypeIdentifiers": [],
    "WidgetKit": ["ActivityKit", "SwiftUI"],
  ]
  let frameworks = stubs.keys.sorted().map { Target.Dependency(stringLiteral: $0) }
  package.targets += stubs.map { name, dependencies in
    .target(name: name, dependencies: dependencies, path: "LinuxStubs/\(name)")
  }
  package.targets += [
    .target(name: "SnugShared", dependencies: frameworks, path: "App/Shared"),
    .executableTarget(
      name: "SnugApp", dependencies: frameworks + ["SnugKit", "SnugShared"], path: "App/Snug"),
    .executableTarget(
      name: "SnugWidget", dependencies: frameworks + ["SnugShared"], path: "App/Widget",
      linkerSettings: [.unsafeFlags(["-Xlinker", "--allow-shlib-undefined"])]),
    .testTarget(
      name: "SnugAppTests", dependencies: frameworks + ["SnugApp", "SnugKit"], path: "App/Tests"),
  ]
#endif
