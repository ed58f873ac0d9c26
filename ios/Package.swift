// swift-tools-version: 6.0
import PackageDescription

let package = Package(
  name: "Snug",
  platforms: [.iOS(.v17), .macOS(.v14)],
  products: [.library(name: "SnugKit", targets: ["SnugKit"])],
  targets: [
    .target(name: "SnugKit"),
  ]
)
