# A formula for a tap: it installs the packages of a release.
class Moue < Formula
  desc "${summary}"
  homepage "${repository}"
  version "${version}"
  # The code's. The weights compiled in have terms of their own: see the caveats.
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    url "${releases}/${apple}"
    sha256 "${apple_sum}"
  end

  on_linux do
    on_intel do
      url "${releases}/${linux_x86}"
      sha256 "${linux_x86_sum}"
    end
    on_arm do
      url "${releases}/${linux_arm}"
      sha256 "${linux_arm_sum}"
    end
  end

  def install
    bin.install "moue"
    man1.install Dir["man/*.1"]
    bash_completion.install "completions/moue.bash" => "moue"
    fish_completion.install "completions/moue.fish"
    zsh_completion.install "completions/_moue"
    doc.install "README.md", "WEIGHTS.md", "MODEL_CARD.md", "THIRD-PARTY.txt"
  end

  def caveats
    <<~EOS
      The weights of moue's networks are for research and personal use:
        #{doc}/WEIGHTS.md
      Videos and cameras need ffmpeg:
        brew install ffmpeg
    EOS
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/moue --version")
    assert_match "a drawing finds itself", shell_output("#{bin}/moue doctor")
  end
end
