Write-Verbose 'こんにちは'
