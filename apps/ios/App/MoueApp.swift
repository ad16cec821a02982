import SwiftUI

@main
struct MoueMain: App {
    @StateObject private var model = Model()

    var body: some Scene {
        WindowGroup {
            TabView {
                CameraScreen().tabItem { Label("Camera", systemImage: "camera") }
                PhotoScreen().tabItem { Label("Photo", systemImage: "photo") }
                CollectionScreen().tabItem { Label("Pictures", systemImage: "square.grid.2x2") }
            }
            .environmentObject(model)
        }
    }
}
